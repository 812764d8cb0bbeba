// Not compiled here: written from the documentation of AL and of the base application.
page 50105 "Tandem Price Groups"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'customerPriceGroup';
    EntitySetName = 'customerPriceGroups';
    SourceTable = "Customer Price Group";
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
                field(code; Rec.Code) { Caption = 'Code'; }
                field(description; Rec.Description) { Caption = 'Description'; }
                field(currencyId; currencyId) { Caption = 'Currency Id'; Editable = false; }
                field(priceCurrencyCount; priceCurrencyCount) { Caption = 'Price Currencies'; Editable = false; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    var
        SalesPrice: Record "Sales Price";
        CurrencyRecord: Record Currency;
        Codes: List of [Code[10]];
    begin
        Clear(currencyId);
        SalesPrice.SetRange("Sales Type", SalesPrice."Sales Type"::"Customer Price Group");
        SalesPrice.SetRange("Sales Code", Rec.Code);
        if SalesPrice.FindSet() then
            repeat
                if not Codes.Contains(SalesPrice."Currency Code") then
                    Codes.Add(SalesPrice."Currency Code");
            until SalesPrice.Next() = 0;
        priceCurrencyCount := Codes.Count();
        if priceCurrencyCount = 1 then
            if CurrencyRecord.Get(Codes.Get(1)) then
                currencyId := CurrencyRecord.SystemId;
    end;

    var
        currencyId: Guid;
        priceCurrencyCount: Integer;
}
