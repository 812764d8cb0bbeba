// Not compiled here: written from the documentation of AL and of the base application.
page 50109 "Tandem Sales Invoice Lines"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'salesInvoiceLine';
    EntitySetName = 'salesInvoiceLines';
    SourceTable = "Sales Invoice Line Aggregate";
    SourceTableTemporary = true;
    ODataKeyFields = SystemId;
    DelayedInsert = true;
    Extensible = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(sequence; Rec."Line No.") { Caption = 'Line No.'; }
                field(documentId; Rec."Document Id") { Caption = 'Document Id'; }
                field(itemId; Rec."Item Id") { Caption = 'Item Id'; }
                field(lineType; Rec."API Type") { Caption = 'Line Type'; }
                field(lineObjectNumber; Rec."No.") { Caption = 'No.'; }
                field(description; Rec.Description) { Caption = 'Description'; }
                field(unitOfMeasureCode; Rec."Unit of Measure Code") { Caption = 'Unit of Measure Code'; }
                field(quantity; Rec.Quantity) { Caption = 'Quantity'; }
                field(unitPrice; Rec."Unit Price") { Caption = 'Unit Price'; }
                field(discountAmount; Rec."Line Discount Amount") { Caption = 'Line Discount Amount'; }
                field(invoiceDiscountAllocation; Rec."Inv. Discount Amount Excl. VAT") { Caption = 'Invoice Discount Allocation'; }
                field(netAmount; Rec.Amount) { Caption = 'Amount'; }
                field(netAmountIncludingTax; Rec."Amount Including VAT") { Caption = 'Amount Including VAT'; }
                field(resourceId; resourceId) { Caption = 'Resource Id'; Editable = false; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    // As the standard API does: lines are loaded for one document, or for the document of one line.
    trigger OnFindRecord(Which: Text): Boolean
    var
        SalesInvoiceAggregator: Codeunit "Sales Invoice Aggregator";
        GraphMgtSalesInvLines: Codeunit "Graph Mgt - Sales Inv. Lines";
        DocumentIdFilter: Text;
        View: Text;
        LineId: Guid;
    begin
        if not linesLoaded then begin
            View := Rec.GetView();
            DocumentIdFilter := Rec.GetFilter("Document Id");
            if Rec.GetFilter(SystemId) <> '' then begin
                Evaluate(LineId, Rec.GetFilter(SystemId));
                DocumentIdFilter := GraphMgtSalesInvLines.GetSalesInvoiceDocumentIdFilterFromSystemId(LineId);
            end;
            if DocumentIdFilter = '' then
                Error(DocumentIdNeededErr);
            SalesInvoiceAggregator.LoadLines(Rec, DocumentIdFilter);
            Rec.SetView(View);
            linesLoaded := true;
        end;
        exit(Rec.Find(Which));
    end;

    trigger OnAfterGetRecord()
    begin
        Clear(resourceId);
        if Rec.Type = Rec.Type::Resource then
            if ResourceRecord.Get(Rec."No.") then
                resourceId := ResourceRecord.SystemId;
    end;

    var
        ResourceRecord: Record Resource;
        resourceId: Guid;
        linesLoaded: Boolean;
        DocumentIdNeededErr: Label 'Lines are read with a filter on documentId, or by their id.';
}
