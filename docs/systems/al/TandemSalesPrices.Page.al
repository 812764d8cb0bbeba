// Not compiled here: written from the documentation of AL and of the base application.
page 50106 "Tandem Sales Prices"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'salesPrice';
    EntitySetName = 'salesPrices';
    SourceTable = "Sales Price";
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
                field(salesType; Rec."Sales Type") { Caption = 'Sales Type'; }
                field(salesCode; Rec."Sales Code") { Caption = 'Sales Code'; }
                field(startingDate; Rec."Starting Date") { Caption = 'Starting Date'; }
                field(endingDate; Rec."Ending Date") { Caption = 'Ending Date'; }
                field(minimumQuantity; Rec."Minimum Quantity") { Caption = 'Minimum Quantity'; }
                field(unitPrice; Rec."Unit Price") { Caption = 'Unit Price'; }
                field(itemId; itemId) { Caption = 'Item Id'; Editable = false; }
                field(customerPriceGroupId; customerPriceGroupId) { Caption = 'Customer Price Group Id'; Editable = false; }
                field(currencyId; currencyId) { Caption = 'Currency Id'; Editable = false; }
                field(priceUnitOfMeasureId; priceUnitOfMeasureId) { Caption = 'Price Unit of Measure Id'; Editable = false; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    var
        ItemRecord: Record Item;
        GroupRecord: Record "Customer Price Group";
        CurrencyRecord: Record Currency;
        UnitRecord: Record "Unit of Measure";
        UnitCode: Code[10];
    begin
        Clear(itemId);
        Clear(customerPriceGroupId);
        Clear(currencyId);
        Clear(priceUnitOfMeasureId);
        UnitCode := Rec."Unit of Measure Code";
        if ItemRecord.Get(Rec."Item No.") then begin
            itemId := ItemRecord.SystemId;
            if UnitCode = '' then
                UnitCode := ItemRecord."Base Unit of Measure";
        end;
        if Rec."Sales Type" = Rec."Sales Type"::"Customer Price Group" then
            if GroupRecord.Get(Rec."Sales Code") then
                customerPriceGroupId := GroupRecord.SystemId;
        if CurrencyRecord.Get(Rec."Currency Code") then
            currencyId := CurrencyRecord.SystemId;
        if UnitRecord.Get(UnitCode) then
            priceUnitOfMeasureId := UnitRecord.SystemId;
    end;

    var
        itemId: Guid;
        customerPriceGroupId: Guid;
        currencyId: Guid;
        priceUnitOfMeasureId: Guid;
}
