// Not compiled here: written from the documentation of AL and of the base application.
page 50102 "Tandem Items"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'item';
    EntitySetName = 'items';
    SourceTable = Item;
    ODataKeyFields = SystemId;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(number; Rec."No.") { Caption = 'No.'; }
                field(displayName; Rec.Description) { Caption = 'Description'; }
                field(displayName2; Rec."Description 2") { Caption = 'Description 2'; }
                field(type; Rec.Type) { Caption = 'Type'; }
                field(unitPrice; Rec."Unit Price") { Caption = 'Unit Price'; }
                field(unitCost; Rec."Unit Cost") { Caption = 'Unit Cost'; }
                field(inventory; Rec.Inventory) { Caption = 'Inventory'; Editable = false; }
                field(vendorNumber; Rec."Vendor No.") { Caption = 'Vendor No.'; }
                field(vendorItemNumber; Rec."Vendor Item No.") { Caption = 'Vendor Item No.'; }
                field(vendorName; vendorName) { Caption = 'Vendor Name'; Editable = false; }
                field(unitVolume; Rec."Unit Volume") { Caption = 'Unit Volume'; }
                field(grossWeight; Rec."Gross Weight") { Caption = 'Gross Weight'; }
                field(blocked; Rec.Blocked) { Caption = 'Blocked'; }
                field(baseUnitOfMeasureId; baseUnitOfMeasureId)
                {
                    Caption = 'Base Unit of Measure Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(baseUnitOfMeasureId) then
                            Rec.Validate("Base Unit of Measure", '')
                        else begin
                            BaseUnitOfMeasureIdRecord.GetBySystemId(baseUnitOfMeasureId);
                            Rec.Validate("Base Unit of Measure", BaseUnitOfMeasureIdRecord.Code);
                        end;
                    end;
                }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Clear(baseUnitOfMeasureId);
        if Rec."Base Unit of Measure" <> '' then
            if BaseUnitOfMeasureIdRecord.Get(Rec."Base Unit of Measure") then
                baseUnitOfMeasureId := BaseUnitOfMeasureIdRecord.SystemId;
        vendorName := '';
        if VendorRecord.Get(Rec."Vendor No.") then
            vendorName := VendorRecord.Name;
    end;

    var
        vendorName: Text[100];
        VendorRecord: Record Vendor;
        baseUnitOfMeasureId: Guid;
        BaseUnitOfMeasureIdRecord: Record "Unit of Measure";
}
